//! The built-in demo application, as a browser, curl and a WebSocket see it through a web tier.
#![cfg(test)]

mod bodies;
mod cookie;
mod page;
mod session;
mod shapes;
mod start;
mod websocket;
