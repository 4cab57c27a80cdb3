"""serve: everything that listens, from the port to the ready service.

The service books and fetches nothing. It listens on 127.0.0.1 unless TLS or a proxy is stated.
"""

from qbconsole.serve.app import HEALTH_PATH, QBWC_PATH, app_of, delivery_of
from qbconsole.serve.listening import Listening, serve

__all__ = ["HEALTH_PATH", "QBWC_PATH", "Listening", "app_of", "delivery_of", "serve"]
