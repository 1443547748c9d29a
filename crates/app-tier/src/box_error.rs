//! An error of an application, whatever its type.

use std::error::Error;

/// An error of an application, whatever its type; for the log.
pub type BoxError = Box<dyn Error + Send + Sync>;
