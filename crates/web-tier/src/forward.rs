//! One request to one server after the other until one answers, and the answer back.

pub(crate) mod head;
pub(crate) mod failure;
pub(crate) mod upstream;
pub(crate) mod pool;
pub(crate) mod connect;
pub(crate) mod send;
pub(crate) mod pace;
pub(crate) mod keeper;
pub(crate) mod upload;
pub(crate) mod outgoing;
pub(crate) mod plain;
pub(crate) mod pipes;
pub(crate) mod splice;
pub(crate) mod answer_head;
pub(crate) mod second_try;
pub(crate) mod mark;
pub(crate) mod sent;
pub(crate) mod reframe;
pub(crate) mod download;
pub(crate) mod tunnel;
pub(crate) mod attempt;
pub(crate) mod tries;
