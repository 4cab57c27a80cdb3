"""The real Shopify: an Admin GraphQL client, its query files, and the raw orders and lists they give.

Raw means: the JSON of the API, whole (every page fetched), unread. `reading` turns it into our types. Facts:
reference/shopify-api.md.
"""
