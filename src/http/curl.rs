//! The client: one request in, one exchange out, within a deadline and a cap.
