//! Work on several threads whose results come back in the order of the jobs.

use std::{
    collections::VecDeque,
    io, iter,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
};

/// Jobs under way for each thread: one that is worked on and one that waits, so that no thread waits for the
/// next job to be read. Each costs the memory of its input and of its result.
const JOBS_PER_THREAD: usize = 2;

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Flow {
    Continue,
    Stop,
}

/// Runs `work` on every job and hands the results to `take` on this thread, in the order of the jobs. Jobs are
/// made on this thread as well, no more ahead than the threads need. With one thread everything happens here.
/// Each thread has a `S` of its own, for what one job may leave to the next.
pub(in crate::commands) fn for_each<S: Default, J: Send, R: Send>(
    threads: NonZeroUsize,
    jobs: impl Iterator<Item = J>,
    work: impl Fn(&mut S, J) -> R + Sync,
    mut take: impl FnMut(R) -> io::Result<Flow>,
) -> io::Result<()> {
    if threads.get() == 1 {
        let mut own = S::default();
        for job in jobs {
            if take(work(&mut own, job))? == Flow::Stop {
                break;
            }
        }
        return Ok(());
    }
    let (sender, receiver) = mpsc::sync_channel::<Ticket<J, R>>(threads.get() * JOBS_PER_THREAD);
    let queue = Queue(Mutex::new(receiver));
    thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(|| {
                let mut own = S::default();
                iter::from_fn(|| queue.next()).for_each(|ticket| ticket.run(|job| work(&mut own, job)));
            });
        }
        // The threads end when the sender is gone: at the end of this closure, also if something panics.
        let sender = sender;
        hand_out(threads, jobs, &sender, &mut take)
    })
}

fn hand_out<J, R>(
    threads: NonZeroUsize,
    mut jobs: impl Iterator<Item = J>,
    sender: &SyncSender<Ticket<J, R>>,
    take: &mut impl FnMut(R) -> io::Result<Flow>,
) -> io::Result<()> {
    let mut under_way: VecDeque<Receiver<R>> = VecDeque::new();
    loop {
        while under_way.len() < threads.get() * JOBS_PER_THREAD
            && let Some(job) = jobs.next()
        {
            let (answer, answered) = mpsc::sync_channel(1);
            if sender.send(Ticket { job, answer }).is_err() {
                return Ok(());
            }
            under_way.push_back(answered);
        }
        let Some(oldest) = under_way.pop_front() else { return Ok(()) };
        // No answer means that its thread has panicked, which the scope passes on.
        let Ok(result) = oldest.recv() else { return Ok(()) };
        if take(result)? == Flow::Stop {
            return Ok(());
        }
    }
}

/// A job, and where its result goes.
struct Ticket<J, R> {
    job: J,
    answer: SyncSender<R>,
}

impl<J, R> Ticket<J, R> {
    fn run(self, work: impl FnOnce(J) -> R) {
        // Nobody waits for the result any more when the scan has been stopped.
        let _ = self.answer.send(work(self.job));
    }
}

/// Jobs that are taken by whichever thread is free.
struct Queue<T>(Mutex<Receiver<T>>);

impl<T> Queue<T> {
    /// The next job; `None` when there will be none.
    fn next(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroUsize, thread};

    use super::*;

    fn results(threads: usize, stop_at: u32) -> Vec<u32> {
        let mut taken = Vec::new();
        let threads = NonZeroUsize::new(threads).unwrap();
        for_each(
            threads,
            0..100_u32,
            |(), job| {
                // The later a job the sooner it is done.
                for _ in job..100 {
                    thread::yield_now();
                }
                job * 2
            },
            |result| {
                taken.push(result);
                Ok(if result >= stop_at { Flow::Stop } else { Flow::Continue })
            },
        )
        .unwrap();
        taken
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let expected: Vec<u32> = (0..100).map(|job| job * 2).collect();
        for threads in [1, 2, 3, 16] {
            assert_eq!(results(threads, u32::MAX), expected, "{threads} threads");
        }
    }

    #[test]
    fn nothing_is_taken_after_a_stop() {
        for threads in [1, 4] {
            assert_eq!(results(threads, 20).last(), Some(&20), "{threads} threads");
        }
    }

    #[test]
    fn an_error_ends_it() {
        let threads = NonZeroUsize::new(2).unwrap();
        let outcome = for_each(threads, 0..100, |(), job| job, |_| Err(io::Error::other("full")));
        assert_eq!(outcome.unwrap_err().to_string(), "full");
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let threads = NonZeroUsize::new(2).unwrap();
        let _ = for_each(threads, 0..100, |(), job| assert_ne!(job, 7), |()| Ok(Flow::Continue));
    }
}
