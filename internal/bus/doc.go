// Package bus carries events between users and nodes over NATS: a server inside the process without a port, or the
// one that is configured. Both pass the same tests.
//
// Start reading at Bus. Delivery is at most once and in the order of each publisher. A subscription has a bounded
// queue and a goroutine of its own; one that cannot keep up loses messages, which are counted, and is told so by a
// Message with Lost set, as after a lost connection: whoever must not miss anything then asks the database for what
// follows the last sequence number it saw.
package bus
