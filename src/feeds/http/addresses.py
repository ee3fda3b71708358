"""From a host's name to the addresses that may be asked."""

import ipaddress
import socket
import threading
from concurrent.futures import Future
from time import monotonic

SocketAddress = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]

# RFC 6052: IPv4 addresses as a NAT64 gateway shows them.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddressError(OSError):
    """The host has none but private addresses; asking them is not allowed."""


class Resolver:
    """Looks up each name once a run, however many connections need it."""

    def __init__(self, *, allow_private: bool) -> None:
        """Private, loopback and link-local addresses are left out unless allowed."""
        self._allow_private = allow_private
        self._found: dict[tuple[str, int], Future[list[SocketAddress]]] = {}
        self._lock = threading.Lock()

    def addresses(self, host: str, port: int, deadline: float) -> list[SocketAddress]:
        """Return the addresses of a host that may be asked, before a moment of the monotonic clock.

        Raises `PrivateAddressError`, `socket.gaierror`, or `TimeoutError`.
        """
        with self._lock:
            answer = self._found.get((host, port))
            if answer is None:
                answer = self._found[host, port] = Future()
                # A thread of its own, as nothing can interrupt a resolver that does not answer.
                lookup = threading.Thread(target=_look_up, args=(host, port, answer), daemon=True)
            else:
                lookup = None
        if lookup is not None:
            if _is_literal(host):
                lookup.run()
            else:
                lookup.start()
        try:
            found = answer.result(max(0.0, deadline - monotonic()))
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                with self._lock:
                    self._found.pop((host, port), None)
            raise
        except UnicodeError as error:
            raise socket.gaierror(socket.EAI_NONAME, "not a name that can exist") from error
        if self._allow_private:
            return found
        public = [address for address in found if is_public(address[1][0])]
        if not public:
            where = f"is at the private address {found[0][1][0]}" if found else "has no address"
            raise PrivateAddressError(f"{host} {where}")
        return public


def is_public(address: str) -> bool:
    """Tell whether an IP address is one that anybody can reach.

    >>> is_public("93.184.215.14"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        else:
            ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str, port: int, answer: Future[list[SocketAddress]]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answer.set_exception(error)
    else:
        answer.set_result([(family, address) for family, _, _, _, address in found])  # type: ignore[misc]
