"""What happens beside orders: payouts, gift cards, drawers, stock, purchases; each drawn up as documents."""
