//! What happens to one session on one server.

use crate::call::Call;
use crate::copy::Reply;
use crate::frame::Frame;
use crate::incarnation::Incarnation;
use crate::server_id::ServerId;
use crate::waiting::Origin;

/// What happens to one session on one server.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// A request wants something.
    Call {
        /// What.
        call: Box<Call>,
        /// Who gets the answer.
        origin: Origin,
        /// Over so many servers it came.
        hops: u8,
    },
    /// Another server says something.
    Frame {
        /// Which one.
        from: ServerId,
        /// In which start.
        incarnation: Incarnation,
        /// What it says.
        frame: Box<Frame>,
    },
    /// The connection to another server broke: what it was asked will not be answered.
    Lost(ServerId),
    /// There is a connection to another server: what it could not be asked before it is asked now.
    Met(ServerId),
    /// Time has passed.
    Tick,
    /// Time has passed, and it is looked after what nobody asks for.
    Care,
    /// There is no room for it in memory, and no disk: it ends.
    NoRoom,
}

impl Happening {
    /// Whether nothing needs to be known of what the session holds, as a rule: it is tried without.
    pub(crate) fn may_do_without(&self) -> bool {
        match self {
            Self::Frame { frame, .. } => {
                matches!(
                    **frame,
                    Frame::Touch { .. } | Frame::Reply(Reply::Held(_)) | Frame::Ask { .. }
                )
            }
            Self::Care => true,
            _ => false,
        }
    }

    /// Whether nothing comes of it where nothing is under way.
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Met(_) | Self::Tick)
    }

    /// Whether somebody uses the session, so that it stays in memory for a while.
    pub(crate) fn uses(&self) -> bool {
        match self {
            Self::Call { .. } => true,
            Self::Frame { frame, .. } => {
                matches!(**frame, Frame::Step(_) | Frame::Record { .. } | Frame::Call { .. })
            }
            _ => false,
        }
    }
}
