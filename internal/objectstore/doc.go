// Package objectstore keeps large immutable things: recordings, files, snapshots. An object is written once under a
// key that a row in PostgreSQL points at.
//
// Start reading at Store. Directory keeps objects as plain files; S3 keeps them in MinIO or any other S3 service. Both
// pass the same tests. A Store has no state of its own beyond its connection and may be shared.
package objectstore
