"""PURE. A plan by role and the merchant's answers -> the document QuickBooks should hold, with every name.

What is missing is never invented: an unnamed account or item becomes a hold on delivery, and the postings show
the account as "?role". No amount changes here.
"""
