// Command gen writes the TypeScript types of the signaling messages from the Go source of package wire.
//
// Structs become interfaces, string types with constants become unions, and the message registry becomes two unions
// discriminated by "type": ClientMessage and ServerMessage. Doc comments are kept.
package main

import (
	"flag"
	"log"
	"os"

	"parley/signaling/wire"
)

func main() {
	log.SetFlags(0)
	source := flag.String("source", "messages.go", "Go file that holds the message structs")
	out := flag.String("out", "", "TypeScript file to write")
	flag.Parse()

	text, err := generate(*source, wire.ClientNames(), wire.ServerNames())
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}
