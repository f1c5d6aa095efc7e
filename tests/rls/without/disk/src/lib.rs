//! No disk in the place of `rocksdb`.
//!
//! limitador 0.11 to 0.14 compile with the feature `redis_storage` only if `disk_storage` is on too: their keys for Redis
//! lie in a module of the disk's. That feature links RocksDB, which takes a C++ compiler, libclang and many minutes, for a
//! storage that no test opens. So here are the few names that limitador uses. A database cannot be opened, and the compiler
//! sees that what would come after that cannot be reached. It goes when limitador is built without.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::path::Path;
use std::{error, fmt};

/// A database cannot be opened.
#[derive(Debug)]
pub struct Error(());

/// Of which kind it is; what is named here it is not.
#[derive(Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are names of RocksDB's")]
pub enum ErrorKind {
    TimedOut,
    TryAgain,
    NotSupported,
}

impl Error {
    /// It will not be different later.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::NotSupported
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this build has no storage on disk")
    }
}

impl error::Error for Error {}

/// What would be set; nothing is.
#[derive(Debug, Default)]
pub struct Options(());

#[derive(Debug)]
#[allow(missing_docs, reason = "they are names of RocksDB's")]
pub enum DBCompressionType {
    None,
    Bz2,
}

#[derive(Debug)]
#[allow(missing_docs, reason = "they are names of RocksDB's")]
pub enum CompactionDecision {
    Keep,
    Remove,
}

#[derive(Debug)]
#[allow(missing_docs, reason = "they are names of RocksDB's")]
pub enum IteratorMode {
    Start,
}

/// What would be merged.
#[derive(Debug)]
pub struct MergeOperands(());

impl<'o> IntoIterator for &'o MergeOperands {
    type Item = &'o [u8];
    type IntoIter = std::iter::Empty<&'o [u8]>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::empty()
    }
}

impl Options {
    /// Changes nothing.
    pub fn set_compression_type(&mut self, _kind: DBCompressionType) {}

    /// Changes nothing.
    pub fn set_compaction_filter<F>(&mut self, _name: &str, _filter: F)
    where
        F: FnMut(u32, &[u8], &[u8]) -> CompactionDecision + Send + 'static,
    {
    }

    /// Changes nothing.
    pub fn set_merge_operator_associative<F>(&mut self, _name: &str, _merged: F)
    where
        F: Fn(&[u8], Option<&[u8]>, &MergeOperands) -> Option<Vec<u8>> + Clone,
    {
    }

    /// Changes nothing.
    pub fn create_if_missing(&mut self, _created: bool) {}
}

/// How a database is shared.
#[derive(Debug)]
pub struct MultiThreaded(());

/// A database: there is none.
#[derive(Debug)]
pub struct DBWithThreadMode<T>(Infallible, PhantomData<T>);

/// The same.
pub type DB = DBWithThreadMode<MultiThreaded>;

type Entry = Result<(Box<[u8]>, Box<[u8]>), Error>;

impl<T> DBWithThreadMode<T> {
    /// Fails.
    pub fn open<P: AsRef<Path>>(_options: &Options, _path: P) -> Result<Self, Error> {
        Err(Error(()))
    }

    /// Cannot be called.
    pub fn get<K: AsRef<[u8]>>(&self, _key: K) -> Result<Option<Vec<u8>>, Error> {
        match self.0 {}
    }

    /// Cannot be called.
    pub fn merge<K: AsRef<[u8]>, V: AsRef<[u8]>>(&self, _key: K, _value: V) -> Result<(), Error> {
        match self.0 {}
    }

    /// Cannot be called.
    pub fn delete<K: AsRef<[u8]>>(&self, _key: K) -> Result<(), Error> {
        match self.0 {}
    }

    /// Cannot be called.
    pub fn iterator(&self, _mode: IteratorMode) -> std::iter::Empty<Entry> {
        match self.0 {}
    }

    /// Cannot be called.
    pub fn prefix_iterator<P: AsRef<[u8]>>(&self, _prefix: P) -> std::iter::Empty<Entry> {
        match self.0 {}
    }
}
