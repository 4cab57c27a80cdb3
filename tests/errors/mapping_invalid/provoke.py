"""A mapping with a misspelt mode."""

from qbconsole.rules.mapping.read import read

MAPPING = """schema = 1
[companies.oak]
name = "Oak & Ember LLC"
[merchants.oak-ember]
company = "oak"
shop = "oak-ember.myshopify.com"
[merchants.oak-ember.modes]
sales = "sumary"
"""


def provoke(place):
    read(MAPPING)
