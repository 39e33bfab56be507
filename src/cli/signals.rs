//! Signals that end a run: the first asks the running actions to end, the second does not wait for them.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use super::ending::Ending;

/// Listens for signals until it is dropped.
pub(crate) struct Listener {
    handle: Handle,
}

impl Listener {
    /// From now on `first` hears of the first SIGINT, SIGTERM or SIGHUP. One that whoever started this process had it
    /// ignore (`nohup`, a background job of a script) stays ignored.
    ///
    /// After a second one, `last` has the last words, and the process ends at once. Its guards notice that and end what
    /// they started, and the next command completes the record.
    pub(crate) fn start(
        first: impl Fn(i32) + Send + 'static,
        last: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let ignored = ignored();
        let heeded =
            [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|number| ignored & (1 << (number - 1)) == 0);
        let mut signals = Signals::new(heeded)?;
        let listener = Self { handle: signals.handle() };
        let mut came = false;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for number in signals.forever() {
                if came {
                    last();
                    std::process::exit(Ending::Signal(number).code().into());
                }
                came = true;
                first(number);
            }
        })?;
        Ok(listener)
    }
}

/// The signals that this process ignores, a bit each, the lowest for signal 1. None where /proc does not say.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.handle.close();
    }
}
