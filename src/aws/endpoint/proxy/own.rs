//! Addresses of this machine.
//!
//! Owns: telling them, whatever network they belong to. A server in the cloud has public ones, and what listens there is
//! often meant for this machine alone.
//!
//! Only an own address can be bound to. Where the system lets programs bind to others too (`ip_nonlocal_bind`), what is
//! left is the source that the system would choose for a packet to it, which is the address itself when it is an own one
//! (but not always when an interface has several). Nothing is sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

/// Addresses for examples, which no machine has (RFC 5737, RFC 3849).
const NOBODYS: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))];

/// Whether an address is one of this machine's.
pub(super) fn is_own(address: IpAddr) -> bool {
    let address = address.to_canonical();
    if !can_bind(address) {
        return false;
    }
    let binds_any = NOBODYS.iter().any(|other| other.is_ipv4() == address.is_ipv4() && can_bind(*other));
    !binds_any || source(address) == Some(address)
}

fn can_bind(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

/// The address that packets to `address` would come from.
fn source(address: IpAddr) -> Option<IpAddr> {
    let any: IpAddr =
        if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // The port says nothing: no packet leaves.
    socket.connect((address, 9)).ok()?;
    socket.local_addr().ok().map(|own| own.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_addresses_are_told_from_those_of_others() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        for own in ["127.0.0.1", "127.4.5.6", "::ffff:127.0.0.1"] {
            assert!(is_own(address(own)), "{own}");
        }
        assert_eq!(source(address("127.0.0.1")), Some(address("127.0.0.1")));
        for other in ["192.0.2.1", "198.51.100.7", "203.0.113.9", "2001:db8::1"] {
            assert!(!is_own(address(other)), "{other}");
        }
    }
}
