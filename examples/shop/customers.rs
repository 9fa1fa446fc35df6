//! The customers, who order all the time and repeat an order until it is acknowledged.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use sage_supervisor::BoxError;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::fetch::fetch;
use crate::order::Order;

/// The counts of the customers' requests by outcome.
#[derive(Debug, Clone, Default)]
pub(crate) struct Service {
    /// Requests answered with 200 or 201: the order is on disk.
    pub(crate) answered: u32,
    /// Requests answered with 503: the customer repeats the order.
    pub(crate) refused: u32,
    /// Requests without an answer: the customer repeats the order.
    pub(crate) cut: u32,
}

pub(crate) struct Customers {
    pub(crate) service: watch::Receiver<Service>,
    closing: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Result<Vec<Order>, BoxError>>>,
}

impl Customers {
    /// Starts one customer for each name.
    pub(crate) fn come(shop: SocketAddr, names: &[&'static str]) -> Self {
        let (service, watcher) = watch::channel(Service::default());
        let closing = Arc::new(AtomicBool::new(false));
        let come = |&name| {
            let customer =
                Customer { name, shop, service: service.clone(), closing: Arc::clone(&closing) };
            tokio::spawn(customer.shop())
        };
        let tasks = names.iter().map(come).collect();
        Self { service: watcher, closing, tasks }
    }

    /// Stops new orders. Orders that have been sent may still be answered.
    pub(crate) fn last_orders(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    /// Waits until all customers have left. Returns the orders that the shop has acknowledged.
    pub(crate) async fn leave(self) -> Result<(Service, Vec<Order>), BoxError> {
        self.last_orders();
        let mut acknowledged = Vec::new();
        for task in self.tasks {
            acknowledged.extend(task.await??);
        }
        let service = self.service.borrow().clone();
        Ok((service, acknowledged))
    }
}

struct Customer {
    name: &'static str,
    shop: SocketAddr,
    service: watch::Sender<Service>,
    closing: Arc<AtomicBool>,
}

impl Customer {
    async fn shop(self) -> Result<Vec<Order>, BoxError> {
        let mut acknowledged = Vec::new();
        for number in 1.. {
            let item = ["tea", "coffee", "cocoa"][number % 3].to_owned();
            let quantity = number as u64 % 4 + 1;
            let order = Order { id: format!("{}-{number:04}", self.name), item, quantity };
            // The customer sends the same order with the same id until it is acknowledged or the shop
            // closes.
            while !self.closing.load(Ordering::SeqCst) {
                if self.ask(&order).await? {
                    acknowledged.push(order);
                    break;
                }
                sleep(Duration::from_millis(20)).await;
            }
            if self.closing.load(Ordering::SeqCst) {
                break;
            }
            sleep(Duration::from_millis(40)).await;
        }
        Ok(acknowledged)
    }

    /// Sends an order. Returns `true` if it was acknowledged, and an error if the shop gave an
    /// answer that it must not give.
    async fn ask(&self, order: &Order) -> Result<bool, BoxError> {
        let request = fetch(Method::POST, self.shop, "/orders", order.to_string());
        match timeout(Duration::from_secs(15), request).await {
            Ok(Ok((StatusCode::OK | StatusCode::CREATED, _))) => {
                self.service.send_modify(|service| service.answered += 1);
                Ok(true)
            }
            Ok(Ok((StatusCode::SERVICE_UNAVAILABLE, _))) => {
                self.service.send_modify(|service| service.refused += 1);
                Ok(false)
            }
            Ok(Ok((status, body))) => Err(format!("{order}: {status} {body}").into()),
            Ok(Err(_)) | Err(_) => {
                self.service.send_modify(|service| service.cut += 1);
                Ok(false)
            }
        }
    }
}
