package ydoc_test

import (
	"encoding/base64"
	"fmt"

	"parley/whiteboard/ydoc"
)

// A board applies what clients send, passes on what is new, and answers those who come late.
func Example() {
	fromClient, _ := base64.StdEncoding.DecodeString("AQEBACgBCGVsZW1lbnRzAWEBdwVoZWxsbwA=")

	board := ydoc.New(ydoc.Limits{})
	applied, err := board.Apply(fromClient)
	fmt.Println(len(applied.Update), applied.Pending, err)
	again, _ := board.Apply(fromClient)
	fmt.Println(len(again.Update), again.Pending)

	late := ydoc.New(ydoc.Limits{})
	_, err = late.Apply(board.Diff(late.StateVector()))
	for key, value := range late.Root("elements").Entries() {
		fmt.Println(key, value, err)
	}
	// Output:
	// 26 false <nil>
	// 0 false
	// a hello <nil>
}
