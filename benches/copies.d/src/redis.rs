//! The same writes into Redis: `SET`, and `WAIT 1` for its replica.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::{self, AT_ONCE, Failed, SIZE, Writer};

/// Writes into the Redis at this port.
pub async fn run(port: u16) -> Result<(), Failed> {
    let mut writers = Vec::new();
    for place in 0..AT_ONCE {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        writers.push(Client { stream, place, count: 0 });
    }
    load::rounds(writers).await
}

struct Client {
    stream: TcpStream,
    place: usize,
    count: u8,
}

impl Writer for Client {
    async fn write(&mut self, number: usize) -> Result<(), Failed> {
        self.count = self.count.wrapping_add(1);
        let key = format!("session:{}:{number}", self.place);
        let value = vec![self.count; SIZE];
        let mut out = format!("*3\r\n$3\r\nSET\r\n${}\r\n{key}\r\n${SIZE}\r\n", key.len()).into_bytes();
        out.extend_from_slice(&value);
        out.extend_from_slice(b"\r\n*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$1\r\n0\r\n");
        self.stream.write_all(&out).await?;
        let expected = b"+OK\r\n:1\r\n";
        let mut answer = [0; 9];
        self.stream.read_exact(&mut answer).await?;
        if &answer != expected {
            return Err(format!("Redis answers {:?}", String::from_utf8_lossy(&answer)).into());
        }
        Ok(())
    }
}
