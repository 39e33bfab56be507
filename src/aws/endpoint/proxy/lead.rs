//! Places that a build reaches without asking the proxy, because they look like its own machine's.
//!
//! Owns: taking connections inside for one place, and leading them there as a tunnel would. Leaves to `dial` whether it is
//! let through.

use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::reach::Place;
use crate::aws::endpoint::listen::{self, Served};

/// Takes connections until the session is over, and leads them to `place`.
pub(in crate::aws::endpoint) async fn lead(listener: TcpListener, place: Place, served: Arc<Served>) {
    let mut stopped = served.stopped.clone();
    let mut led = JoinSet::new();
    let take = async {
        loop {
            let Ok((mut inside, _)) = listener.accept().await else {
                tokio::time::sleep(listen::BREATH).await;
                continue;
            };
            // Without a permit, or a way, the connection is closed, as by a server that has enough.
            if let Ok(permit) = Arc::clone(&served.gate.tunnels).try_acquire_owned() {
                let (served, place) = (Arc::clone(&served), place.clone());
                led.spawn(async move {
                    if let Ok(mut outside) = served.gate.connect(&served.desk, &place, true).await {
                        // Whoever breaks off ends it.
                        let _ = copy_bidirectional(&mut inside, &mut outside).await;
                    }
                    drop(permit);
                });
            }
            while led.try_join_next().is_some() {}
        }
    };
    listen::until(async { drop(stopped.changed().await) }, take).await;
    led.shutdown().await;
}
