//! Streams of requests from a seeded generator: mostly good, some of them damaged.

/// A small generator of numbers that are the same in every run.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }
}

const METHODS: &[&str] =
    &["GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "get", "BREW"];
const TARGETS: &[&str] = &[
    "/",
    "/",
    "/a/b?c=d",
    "/?",
    "/a;jsessionid=abc",
    "http://x/",
    "http://x",
    "http://x:81?q",
    "https://x/a",
    "/%41%2f",
    "/a\\b",
    "/a|b[1]",
    "/?{}^`|",
    "//a//",
    "*",
    "foo",
    "/a b",
    "/%",
    "/a#b",
    "http://",
];
const HOSTS: &[&str] =
    &["Host: a\r\n", "Host: a\r\n", "Host: a.example:80\r\n", "host:[::1]\r\n", "Host:\t x \r\n"];
const BAD_HOSTS: &[&str] = &["", "Host: a\r\nHost: a\r\n", "Host: a/b\r\n", "Host:\r\n"];
const FIELDS: &[&str] = &[
    "Accept: */*\r\n",
    "Connection: keep-alive\r\n",
    "Connection: close\r\n",
    "Connection: x, keep-alive , upgrade\r\n",
    "Upgrade: websocket\r\n",
    "Upgrade: h2c\r\n",
    "Cookie: a=b; JSESSIONID=abcXYZ\r\n",
    "X-Empty:\r\n",
    "X-Tabs:\ta\tb\t\r\n",
    "X-Eight: \u{e9}\r\n",
    "X_Under: 1\r\n",
    "TE: trailers\r\n",
    "Expect: 100-continue\r\n",
    "Content-Type: text/plain\r\n",
    "Transfer_Encoding: chunked\r\n",
    "Keep-Alive: 5\r\n",
    "!#$%&'*+-.^`|~: odd\r\n",
];
const EXTENSIONS: &[&str] = &["", "", "", ";a=b", ";a", ";a=\"b;c\""];
const TRAILERS: &[&str] = &["", "", "", "A: b\r\n", "Content-Length: 5\r\nHost: evil\r\n"];
const SPLINTERS: &[&str] = &[
    "\r",
    "\n",
    "\r\n",
    "\0",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "0",
    "-",
    "_",
    "\u{ff}",
    "\u{b}",
    "/",
    "%",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Host: b\r\n",
    "chunked",
    "\r\n\r\n",
    "HTTP/1.0",
    "0\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "Connection: close\r\n",
];

/// The stream of this seed.
pub(crate) fn stream(seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut text = String::new();
    if dice.roll(20) == 0 {
        text.push_str("\r\n");
    }
    for _ in 0..=dice.roll(3) {
        request(&mut dice, &mut text);
    }
    // One character is one byte.
    let mut bytes: Vec<u8> =
        text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    if dice.roll(2) == 0 {
        for _ in 0..=dice.roll(2) {
            damage(&mut dice, &mut bytes);
        }
    }
    bytes
}

fn request(dice: &mut Dice, text: &mut String) {
    let version = if dice.roll(12) == 0 { "HTTP/1.0" } else { "HTTP/1.1" };
    let (method, target) = (dice.pick(METHODS), dice.pick(TARGETS));
    text.push_str(&format!("{method} {target} {version}\r\n"));
    let hosts = if dice.roll(30) == 0 { BAD_HOSTS } else { HOSTS };
    text.push_str(dice.pick(hosts));
    for _ in 0..dice.roll(4) {
        text.push_str(dice.pick(FIELDS));
    }
    match dice.roll(4) {
        0 => {
            let body = "0123456789\r\n\r\nGET".split_at(dice.roll(17)).0;
            text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        }
        1 => {
            text.push_str("Transfer-Encoding: chunked\r\n\r\n");
            for _ in 0..dice.roll(3) {
                let data = "abcdefghijklmnopqrstuvwxyz".split_at(1 + dice.roll(26)).0;
                let extension = dice.pick(EXTENSIONS);
                text.push_str(&format!("{:x}{extension}\r\n{data}\r\n", data.len()));
            }
            let (extension, trailers) = (dice.pick(EXTENSIONS), dice.pick(TRAILERS));
            text.push_str(&format!("0{extension}\r\n{trailers}\r\n"));
        }
        _ => text.push_str("\r\n"),
    }
}

fn damage(dice: &mut Dice, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = dice.roll(bytes.len());
    let splinter: Vec<u8> = dice
        .pick(SPLINTERS)
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    match dice.roll(5) {
        0 => drop(bytes.remove(at)),
        1 => bytes[at] = splinter[0],
        2 => drop(bytes.splice(at..at, splinter)),
        3 => {
            // At the begin of a line, where it may be a line of its own.
            let line = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            drop(bytes.splice(line..line, splinter));
        }
        _ => bytes[at] ^= 1 << dice.roll(8),
    }
}
