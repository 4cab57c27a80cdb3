"""Documents to qbXML and answers back: templates, requests.xsd, text rules, envelopes, outcomes, statuses."""
