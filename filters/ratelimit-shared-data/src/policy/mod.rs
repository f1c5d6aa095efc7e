//! What limits mean: pure, without a proxy in sight.

pub mod account;
pub mod algorithm;
pub mod bucket;
pub mod bytes;
pub mod key;
pub mod leased;
pub mod limit;
pub mod page;
pub mod price;
pub mod quota;
pub mod request;
pub mod reserved;
pub mod sketch;
pub mod time;
pub mod unit;
pub mod watch;

pub use account::{Account, Terms, Unusual};
pub use algorithm::Algorithm;
pub use bucket::{Ask, Bucket, Left, Meter, Refused, Ticket};
pub use key::{Fingerprint, Key, Part, Secret};
pub use leased::Leased;
pub use limit::{Limit, Tiers};
pub use page::{Corrupt, Full, Page};
pub use price::{Price, Prices};
pub use quota::Quota;
pub use request::Request;
pub use sketch::Scale;
pub use time::{Now, SECOND};
pub use unit::{Unit, Use};
pub use watch::Watch;
