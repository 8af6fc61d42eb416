package main

import (
	"fmt"
	"net/http"
)

// target is a board on a server.
type target struct {
	Server      string `json:"server"`      // parley, y-websocket or hocuspocus
	Port        int    `json:"port"`        // on 127.0.0.1
	Pid         int    `json:"pid"`         // of the server
	Postmaster  int    `json:"postmaster"`  // of its PostgreSQL, 0 when it has none
	DatabaseURL string `json:"databaseUrl"` // of that
	Folder      string `json:"folder"`      // where it keeps boards otherwise
	Board       string `json:"board"`
}

func (t target) address(int) string {
	switch t.Server {
	case serverParley:
		return fmt.Sprintf("ws://127.0.0.1:%d/whiteboard/%s", t.Port, t.Board)
	case serverHocuspocus:
		return fmt.Sprintf("ws://127.0.0.1:%d/", t.Port)
	}
	return fmt.Sprintf("ws://127.0.0.1:%d/%s", t.Port, t.Board)
}

// header says who comes: the measured server of ours believes it.
func (t target) header(number int) http.Header {
	return http.Header{personHeader: {fmt.Sprintf("user:%d", number)}}
}

func (t target) dialect() dialect {
	if t.Server == serverHocuspocus {
		return hocuspocus(t.Board)
	}
	return dialect{}
}
