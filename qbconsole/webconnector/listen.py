"""Decides on which addresses the service may listen. Reads nothing, opens nothing.

Passwords and books cross this connection, so anything but this machine itself needs TLS, ours or a proxy's
(reference/reliability.md S1).
"""

from __future__ import annotations

import ipaddress

from qbconsole.errors import ListenError


def allowed_address(
    host: str = "127.0.0.1", *, tls_cert: str = "", tls_key: str = "", behind_proxy: bool = False
) -> str:
    """Return the address to bind to, or raise ListenError with what is missing.

    `behind_proxy` is the operator's word that a proxy in front ends TLS and nothing else reaches the port.
    """
    if bool(tls_cert) != bool(tls_key):
        raise ListenError(
            "TLS needs a certificate and its key, only one was given",
            where=tls_cert or tls_key,
            next="Give both --tls-cert and --tls-key.",
        )
    if tls_cert or behind_proxy or is_loopback(host):
        return host
    raise ListenError(
        "passwords and books would cross the network unencrypted",
        where=host or "every address",
        next="Give --tls-cert and --tls-key, or --behind-proxy where one ends TLS, or listen on 127.0.0.1.",
    )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach the address; an empty one means every address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
