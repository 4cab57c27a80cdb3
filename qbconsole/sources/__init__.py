"""Where shop facts come from: the Shopify Admin API and files in its shape; nothing here decides or stores."""
