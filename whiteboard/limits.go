package whiteboard

import "time"

// Limits of a connection and of a board, as PROTOCOL.md has them.
const (
	maxFrameBytes     = 1 << 20
	maxUpdateBytes    = 256 << 10
	maxStateBytes     = 16 << 20 // of a document, and of an answer to the server's step 1
	maxElements       = 5000
	maxAwarenessBytes = 16 << 10 // of one state, as JSON

	messagesPerSecond, messagesBurst = 60, 120   // of the document, and counted apart, of the own awareness
	statesPerSecond, statesBurst     = 2, 10     // step 1 messages, each of which may cost a whole state
	echoesPerSecond, echoesBurst     = 500, 2000 // awareness of others, which the stock client sends back

	stepsPerSecond, stepsBurst = 400_000, 4_000_000 // of a person's efforts

	maxConnectionsOfBoard  = 500
	maxConnectionsOfPerson = 20 // on one board
)

// Bounds of what waits.
const (
	mailboxMessages = 256
	// maxQueueBytes is what a connection may lag behind, beside the state it asked for.
	maxQueueBytes  = 4 << 20
	maxQueueFrames = 4096
	// maxAnswerBytes bounds states that a connection asked for and has not read.
	maxAnswerBytes = 24 << 20
	// maxUnsavedBytes of one board, and maxUnsavedTotal of all, may wait for the database; then boards are read-only.
	maxUnsavedBytes = 16 << 20
	maxUnsavedTotal = 256 << 20
	// maxRecentBytes is what changes of a board may add to a state that was encoded for somebody who joined before.
	maxRecentBytes = 256 << 10
)

const (
	// tickPerReceiver and maxTick say how long changes are collected after a broadcast: longer the more receivers there
	// are, because each receiver costs a system call.
	tickPerReceiver = 80 * time.Microsecond
	maxTick         = 10 * time.Millisecond

	handshakeTimeout = 10 * time.Second
	admitTimeout     = 5 * time.Second
	writeTimeout     = 10 * time.Second // at least, for each writeChunkBytes
	writeChunkBytes  = 64 << 10
	closeTimeout     = 2 * time.Second
	pingEvery        = 15 * time.Second
	readTimeout      = 45 * time.Second
	recheckEvery     = 15 * time.Second
	askAgainAfter    = time.Second
	refusalEvery     = time.Second
	// departedFor is how long the awareness id of a connection that ended belongs to its person.
	departedFor = time.Minute

	loadTimeout    = 30 * time.Second
	unloadTimeout  = time.Minute
	unsavedEvery   = 250 * time.Millisecond
	changedQuiet   = 2 * time.Second
	changedAtLeast = 15 * time.Second
	defaultLinger  = 10 * time.Second
)
