//! No TLS in the place of `native-tls`.
//!
//! `limitador` asks its Redis client for `native-tls`, and that links OpenSSL: a package of the system with headers, which
//! a bare clone would need to build a test. The Redis of a test is on loopback and speaks no TLS. So here are the few names
//! that `redis` and `tokio-native-tls` use; whoever asks for TLS (`rediss://`) gets an error, and the compiler sees that
//! what would come after a handshake cannot be reached.

use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::{error, fmt};

/// A handshake cannot succeed.
#[derive(Debug)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this build has no TLS: expected redis://, not rediss://")
    }
}

impl error::Error for Error {}

/// Why there is no stream.
#[derive(Debug)]
pub enum HandshakeError<S> {
    /// Always this.
    Failure(Error),
    /// Never this.
    WouldBlock(MidHandshakeTlsStream<S>),
}

impl<S> fmt::Display for HandshakeError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Error.fmt(f)
    }
}

/// The side of a client.
#[derive(Clone, Debug)]
pub struct TlsConnector(());

impl TlsConnector {
    /// One that fails.
    pub fn new() -> Result<Self, Error> {
        Err(Error)
    }

    /// What would be set; nothing is.
    pub fn builder() -> TlsConnectorBuilder {
        TlsConnectorBuilder(())
    }

    /// Fails.
    pub fn connect<S>(&self, _domain: &str, _stream: S) -> Result<TlsStream<S>, HandshakeError<S>> {
        Err(HandshakeError::Failure(Error))
    }
}

/// Part of [`TlsConnector`].
#[derive(Debug)]
pub struct TlsConnectorBuilder(());

impl TlsConnectorBuilder {
    /// Changes nothing.
    pub fn danger_accept_invalid_certs(&mut self, _accepted: bool) -> &mut Self {
        self
    }

    /// Changes nothing.
    pub fn danger_accept_invalid_hostnames(&mut self, _accepted: bool) -> &mut Self {
        self
    }

    /// Changes nothing.
    pub fn use_sni(&mut self, _used: bool) -> &mut Self {
        self
    }

    /// Fails.
    pub fn build(&self) -> Result<TlsConnector, Error> {
        Err(Error)
    }
}

/// The side of a server.
#[derive(Clone, Debug)]
pub struct TlsAcceptor(());

impl TlsAcceptor {
    /// Fails.
    pub fn accept<S>(&self, _stream: S) -> Result<TlsStream<S>, HandshakeError<S>> {
        Err(HandshakeError::Failure(Error))
    }
}

/// A stream after a handshake: there is none.
#[derive(Debug)]
pub struct TlsStream<S>(Infallible, PhantomData<S>);

impl<S> TlsStream<S> {
    /// Cannot be called.
    pub fn get_ref(&self) -> &S {
        match self.0 {}
    }

    /// Cannot be called.
    pub fn get_mut(&mut self) -> &mut S {
        match self.0 {}
    }

    /// Cannot be called.
    pub fn shutdown(&mut self) -> io::Result<()> {
        match self.0 {}
    }
}

impl<S> Read for TlsStream<S> {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        match self.0 {}
    }
}

impl<S> Write for TlsStream<S> {
    fn write(&mut self, _buffer: &[u8]) -> io::Result<usize> {
        match self.0 {}
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0 {}
    }
}

/// A stream in the middle of a handshake: there is none.
#[derive(Debug)]
pub struct MidHandshakeTlsStream<S>(Infallible, PhantomData<S>);

impl<S> MidHandshakeTlsStream<S> {
    /// Cannot be called.
    pub fn get_mut(&mut self) -> &mut S {
        match self.0 {}
    }

    /// Cannot be called.
    pub fn handshake(self) -> Result<TlsStream<S>, HandshakeError<S>> {
        match self.0 {}
    }
}
