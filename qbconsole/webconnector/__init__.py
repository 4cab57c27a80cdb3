"""How QuickBooks is reached: the SOAP service that Intuit's Web Connector polls.

It knows SOAP, tickets, passwords and the .qwc file. What is said in a session is the business of whoever
implements `conversation.Conversation`; this package never sees an order, a document or the store.
"""
