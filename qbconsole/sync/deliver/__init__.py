"""deliver: hands QuickBooks what was booked, exactly once, through the Web Connector's eight calls.

A session is a row in the store; each call reads it, does one step and commits. Nothing here books or fetches.
"""
