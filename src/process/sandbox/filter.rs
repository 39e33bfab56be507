//! The system calls that lead past namespaces, and the filter that refuses them.
//!
//! Owns: which calls these are on each kind of machine, and the program for the kernel that filters them (classic BPF, as
//! `bwrap --seccomp` takes it). Namespaces separate neither the keys in the kernel's session keyring, nor the sockets
//! that lead from a virtual machine to its hypervisor.

/// The family of those sockets.
const AF_VSOCK: u32 = 40;

/// Creates a ring through which further calls go unfiltered; the number is the same everywhere.
const IO_URING_SETUP: u32 = 425;

const EPERM: u32 = 1;
const ENOSYS: u32 = 38;
const EAFNOSUPPORT: u32 = 97;

/// The calls of one kind of machine.
struct Machine {
    /// How the kernel names it (`AUDIT_ARCH_…`).
    architecture: u32,
    /// `add_key`, `request_key`, `keyctl`.
    keys: [u32; 3],
    /// `socket`, whose first argument is the family.
    socket: u32,
    /// `socketcall`, whose first argument is 1 when it makes a socket of a family that cannot be seen.
    socketcall: Option<u32>,
    /// From here on, calls are those of a third kind of programs (x32), which nobody has.
    others: Option<u32>,
}

/// The machines with a filter; on others nothing is filtered.
const MACHINES: [Machine; 5] = [
    // x86_64
    Machine {
        architecture: 0xC000_003E,
        keys: [248, 249, 250],
        socket: 41,
        socketcall: None,
        others: Some(0x4000_0000),
    },
    // i386
    Machine {
        architecture: 0x4000_0003,
        keys: [286, 287, 288],
        socket: 359,
        socketcall: Some(102),
        others: None,
    },
    // aarch64
    Machine { architecture: 0xC000_00B7, keys: [217, 218, 219], socket: 198, socketcall: None, others: None },
    // arm
    Machine { architecture: 0x4000_0028, keys: [309, 310, 311], socket: 281, socketcall: None, others: None },
    // riscv64
    Machine { architecture: 0xC000_00F3, keys: [217, 218, 219], socket: 198, socketcall: None, others: None },
];

/// One instruction: operation, steps to skip when a comparison holds and when it does not, operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step(u16, u8, u8, u32);

const LOAD: u16 = 0x20;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_IF_AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;

/// Where the kernel puts what a filter looks at.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = if cfg!(target_endian = "big") { 20 } else { 16 };

const ALLOW: Step = Step(RETURN, 0, 0, 0x7FFF_0000);

/// Lets the call fail with this error.
const fn refuse(error: u32) -> Step {
    Step(RETURN, 0, 0, 0x0005_0000 | error)
}

/// The filter, as bytes.
pub(super) fn program() -> Vec<u8> {
    let bytes = steps().into_iter().flat_map(|Step(code, yes, no, operand)| {
        [&code.to_ne_bytes()[..], &[yes, no], &operand.to_ne_bytes()].concat()
    });
    bytes.collect()
}

fn steps() -> Vec<Step> {
    let mut steps = vec![Step(LOAD, 0, 0, ARCHITECTURE)];
    for machine in &MACHINES {
        let of_machine = machine.steps();
        let length = u8::try_from(of_machine.len()).unwrap_or(u8::MAX);
        steps.push(Step(JUMP_IF_EQUAL, 0, length, machine.architecture));
        steps.extend(of_machine);
    }
    steps.push(ALLOW);
    steps
}

impl Machine {
    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step(LOAD, 0, 0, NUMBER)];
        if let Some(first) = self.others {
            steps.extend([Step(JUMP_IF_AT_LEAST, 0, 1, first), refuse(ENOSYS)]);
        }
        for number in self.keys {
            steps.extend([Step(JUMP_IF_EQUAL, 0, 1, number), refuse(EPERM)]);
        }
        steps.extend([Step(JUMP_IF_EQUAL, 0, 1, IO_URING_SETUP), refuse(ENOSYS)]);
        let sockets = [(Some(self.socket), AF_VSOCK), (self.socketcall, 1)];
        for (number, argument) in
            sockets.into_iter().filter_map(|(number, argument)| Some((number?, argument)))
        {
            steps.extend([
                Step(JUMP_IF_EQUAL, 0, 4, number),
                Step(LOAD, 0, 0, FIRST_ARGUMENT),
                Step(JUMP_IF_EQUAL, 0, 1, argument),
                refuse(EAFNOSUPPORT),
                ALLOW,
            ]);
        }
        steps.push(ALLOW);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel would make of a call: the error it fails with, or none.
    fn verdict(architecture: u32, number: u32, argument: u32) -> Option<u32> {
        let steps = steps();
        let (mut at, mut value) = (0, 0);
        loop {
            let Step(code, yes, no, operand) = steps[at];
            at += 1;
            match code {
                LOAD => {
                    value = match operand {
                        NUMBER => number,
                        ARCHITECTURE => architecture,
                        _ => argument,
                    }
                }
                RETURN => return (operand != 0x7FFF_0000).then_some(operand & 0xFFFF),
                _ => {
                    let holds = if code == JUMP_IF_EQUAL { value == operand } else { value >= operand };
                    at += usize::from(if holds { yes } else { no });
                }
            }
        }
    }

    #[test]
    fn calls_that_lead_past_namespaces_fail_and_others_do_not() {
        let (x86_64, i386, aarch64) = (0xC000_003E, 0x4000_0003, 0xC000_00B7);
        for (architecture, number, argument, error) in [
            // read, socket(AF_INET), socket(AF_UNIX)
            (x86_64, 0, 40, None),
            (x86_64, 41, 2, None),
            (x86_64, 41, 1, None),
            (x86_64, 41, 40, Some(EAFNOSUPPORT)),
            (x86_64, 248, 0, Some(EPERM)),
            (x86_64, 249, 0, Some(EPERM)),
            (x86_64, 250, 0, Some(EPERM)),
            (x86_64, 425, 0, Some(ENOSYS)),
            (x86_64, 0x4000_0000 + 41, 40, Some(ENOSYS)),
            (i386, 41, 40, None),
            (i386, 359, 40, Some(EAFNOSUPPORT)),
            (i386, 102, 1, Some(EAFNOSUPPORT)),
            (i386, 102, 3, None),
            (i386, 288, 0, Some(EPERM)),
            (aarch64, 250, 0, None),
            (aarch64, 198, 40, Some(EAFNOSUPPORT)),
            (aarch64, 219, 0, Some(EPERM)),
            // A machine that is not known.
            (0x8000_0016, 250, 0, None),
        ] {
            assert_eq!(
                verdict(architecture, number, argument),
                error,
                "{architecture:x} {number} {argument}"
            );
        }
        assert_eq!(program().len(), 8 * steps().len());
    }
}
