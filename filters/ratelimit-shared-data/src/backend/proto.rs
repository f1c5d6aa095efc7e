//! The messages of Envoy's Rate Limit Service, by hand, so that nobody needs protoc.
//!
//! Field numbers are those of `envoy/service/ratelimit/v3/rls.proto` and
//! `envoy/extensions/common/ratelimit/v3/ratelimit.proto`, compared with the descriptors inside of Envoy 1.40.0. What nobody
//! here reads is left out: headers (3, 4), body (5), metadata (6) and quotas (7; 5 in a status).

/// The path of the only call.
pub const PATH: &str = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";

/// May these hits pass?
#[derive(Clone, PartialEq, prost::Message)]
pub struct RateLimitRequest {
    /// Whose limits: limitador's namespace.
    #[prost(string, tag = "1")]
    pub domain: String,
    /// What is counted, each by itself.
    #[prost(message, repeated, tag = "2")]
    pub descriptors: Vec<RateLimitDescriptor>,
    /// How many hits, for descriptors that say nothing else; 0 is 1.
    #[prost(uint32, tag = "3")]
    pub hits_addend: u32,
}

/// Something that is counted.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RateLimitDescriptor {
    /// Names and values.
    #[prost(message, repeated, tag = "1")]
    pub entries: Vec<Entry>,
    /// Another limit than the configured one.
    #[prost(message, optional, tag = "2")]
    pub limit: Option<RateLimitOverride>,
    /// How many hits, a `google.protobuf.UInt64Value`; a written 0 asks and counts nothing.
    #[prost(message, optional, tag = "3")]
    pub hits_addend: Option<u64>,
    /// Whether the hits are given back.
    #[prost(bool, tag = "4")]
    pub is_negative_hits: bool,
}

/// `RateLimitDescriptor.Entry`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Entry {
    /// Its name.
    #[prost(string, tag = "1")]
    pub key: String,
    /// Its value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// `RateLimitDescriptor.RateLimitOverride`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RateLimitOverride {
    /// How many.
    #[prost(uint32, tag = "1")]
    pub requests_per_unit: u32,
    /// In what time, an `envoy.type.v3.RateLimitUnit`.
    #[prost(int32, tag = "2")]
    pub unit: i32,
}

/// The answer.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RateLimitResponse {
    /// [`Code::OverLimit`] when a descriptor is.
    #[prost(enumeration = "Code", tag = "1")]
    pub overall_code: i32,
    /// One for each descriptor, in their order.
    #[prost(message, repeated, tag = "2")]
    pub statuses: Vec<DescriptorStatus>,
}

/// `RateLimitResponse.Code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum Code {
    /// Not said.
    Unknown = 0,
    /// They may pass, and are counted.
    Ok = 1,
    /// They may not.
    OverLimit = 2,
}

/// `RateLimitResponse.DescriptorStatus`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct DescriptorStatus {
    /// What holds for this descriptor.
    #[prost(enumeration = "Code", tag = "1")]
    pub code: i32,
    /// The limit that decided; absent when none applies.
    #[prost(message, optional, tag = "2")]
    pub current_limit: Option<RateLimit>,
    /// How many hits are left of it.
    #[prost(uint32, tag = "3")]
    pub limit_remaining: u32,
    /// When its window ends.
    #[prost(message, optional, tag = "4")]
    pub duration_until_reset: Option<Duration>,
}

/// `RateLimitResponse.RateLimit`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RateLimit {
    /// How many.
    #[prost(uint32, tag = "1")]
    pub requests_per_unit: u32,
    /// In what time.
    #[prost(enumeration = "Unit", tag = "2")]
    pub unit: i32,
    /// The limit's name.
    #[prost(string, tag = "3")]
    pub name: String,
}

/// `RateLimitResponse.RateLimit.Unit`, as far as it is a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum Unit {
    /// Another time.
    Unknown = 0,
    /// 1 s.
    Second = 1,
    /// 60 s.
    Minute = 2,
    /// 3,600 s.
    Hour = 3,
    /// 86,400 s.
    Day = 4,
    /// 604,800 s.
    Week = 7,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Duration {
    /// Whole seconds.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// And so many nanoseconds.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl RateLimitRequest {
    /// A request without descriptors.
    pub fn of(domain: &str) -> Self {
        Self { domain: domain.to_owned(), ..Self::default() }
    }

    /// Adds a descriptor.
    #[must_use]
    pub fn with(mut self, descriptor: RateLimitDescriptor) -> Self {
        self.descriptors.push(descriptor);
        self
    }

    /// So many hits for each descriptor that says nothing else.
    #[must_use]
    pub fn hits(mut self, hits: u32) -> Self {
        self.hits_addend = hits;
        self
    }
}

impl RateLimitDescriptor {
    /// A descriptor of these names and values.
    pub fn of(entries: &[(&str, &str)]) -> Self {
        let entry = |(key, value): &(&str, &str)| Entry { key: (*key).to_owned(), value: (*value).to_owned() };
        Self { entries: entries.iter().map(entry).collect(), ..Self::default() }
    }

    /// So many hits of its own.
    #[must_use]
    pub fn hits(mut self, hits: u64) -> Self {
        self.hits_addend = Some(hits);
        self
    }
}

impl Duration {
    /// All of it; of a negative one nothing.
    pub fn nanoseconds(&self) -> u64 {
        let seconds = u64::try_from(self.seconds).unwrap_or_default();
        seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(self.nanos).unwrap_or_default())
    }
}
