"""Money beside the orders: payouts, fees of gateways, gift cards and store credit, cash drawers."""
