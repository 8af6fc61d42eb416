// Package private runs a PostgreSQL server of our own as a child process: its data, its unix socket and nothing else,
// no TCP port, made by initdb the first time.
//
// Start reading at Start. One goroutine, Server.run, owns the child process for its whole life: it forks it, waits
// for it, and starts it again with back-off when it crashes. Under the folder given to Start:
//
//	lock   held with flock while a Server lives, so that a second one refuses to start
//	data   PostgreSQL's data directory, renamed from init only when initdb has finished
//	init   what an initdb that was cut short left behind; removed at the next start
//	sock   the socket's folder, entered by the server's user only
package private
