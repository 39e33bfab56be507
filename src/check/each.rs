//! Many files at once.
//!
//! Owns: working through a list with as many threads as there are cores, with the results in the order of the list. The
//! list is made while it is worked through, a batch at a time, so that there is never more of it than the batch.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// Fewer are done before a thread has begun.
const FEW: usize = 16;

/// How many are worked on together: enough that waiting for the last of them costs little.
const BATCH: usize = 512;

/// Does the same with every item, each by itself, and hands on the results in the order of the items.
pub(super) fn in_order<T: Send, R: Send>(
    items: impl IntoIterator<Item = T>,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R),
) {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut items = items.into_iter();
    loop {
        let batch: Vec<T> = items.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return;
        }
        if batch.len() < FEW || cores == 1 {
            batch.into_iter().map(&work).for_each(&mut take);
        } else {
            together(batch, &work, cores).into_iter().for_each(&mut take);
        }
    }
}

fn together<T: Send, R: Send>(batch: Vec<T>, work: &(impl Fn(T) -> R + Sync), cores: usize) -> Vec<R> {
    let count = batch.len();
    let queue = Mutex::new(batch.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let run = || {
        let mut done = Vec::new();
        while let Some((place, item)) = next() {
            done.push((place, work(item)));
        }
        done
    };
    let mut all = Vec::with_capacity(count);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(run)).collect();
        all.extend(run());
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    all.sort_unstable_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, FEW, BATCH, 3 * BATCH + 1] {
            let mut doubled = Vec::new();
            in_order(0..count, |item| item * 2, |result| doubled.push(result));
            assert_eq!(doubled, (0..count).map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
