package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"parley/internal/fault"
)

// Request is a decoded and valid message of a client.
type Request struct {
	Type    string
	ID      int64 // 0 when no answer is wanted
	Message ClientMessage
}

type envelope struct {
	Type string `json:"type"`
	ID   *int64 `json:"id"`
}

// Decode reads one message of a client. With an error, which carries a fault code, the request still has the type and
// the id as far as they could be read, so that the error can be answered.
func Decode(data []byte) (Request, error) {
	request, err := decodeEnvelope(data)
	if err != nil {
		return request, err
	}
	construct, ok := clientTypes[request.Type]
	if !ok {
		return request, fault.UnknownMessage.With(map[string]any{"type": clip(request.Type)})
	}
	message := construct()
	if err := json.Unmarshal(data, message); err != nil {
		return request, fault.BadMessage.Wrap(fmt.Errorf("decode %s: %w", request.Type, err))
	}
	if err := message.Validate(); err != nil {
		return request, err
	}
	request.Message = message
	return request, nil
}

func decodeEnvelope(data []byte) (Request, error) {
	if len(data) > MaxMessageBytes {
		return Request{}, fault.MessageTooLarge
	}
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return Request{}, fault.BadMessage.Wrap(fmt.Errorf("decode envelope: %w", err))
	}
	if e.ID == nil {
		return Request{Type: e.Type}, nil
	}
	if *e.ID < 1 || *e.ID > MaxRequestID {
		return Request{Type: e.Type}, invalid("id", "is not a positive integer below 2^53")
	}
	return Request{Type: e.Type, ID: *e.ID}, nil
}

// DecodeServer reads one message of the server, as a client does.
func DecodeServer(data []byte) (message ServerMessage, id int64, err error) {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, 0, fmt.Errorf("decode envelope: %w", err)
	}
	construct, ok := serverTypes[e.Type]
	if !ok {
		return nil, 0, fmt.Errorf("unknown server message %q", e.Type)
	}
	message = construct()
	if err := json.Unmarshal(data, message); err != nil {
		return nil, 0, fmt.Errorf("decode %s: %w", e.Type, err)
	}
	if e.ID != nil {
		id = *e.ID
	}
	return message, id, nil
}

var (
	clientNames = namesByType(clientTypes)
	serverNames = namesByType(serverTypes)
)

func namesByType[M any](types map[string]func() M) map[reflect.Type]string {
	names := make(map[reflect.Type]string, len(types))
	for name, construct := range types {
		names[reflect.TypeOf(construct())] = name
	}
	return names
}

// TypeOf returns the "type" of a server message, or "" when it is none.
func TypeOf(message ServerMessage) string { return serverNames[reflect.TypeOf(message)] }

// Encode writes a server message; an id other than 0 makes it the answer to that request. Empty lists are written as
// [], never as null. It panics when message is not a pointer to a registered struct, which is a programming error.
func Encode(message ServerMessage, id int64) []byte {
	name, ok := serverNames[reflect.TypeOf(message)]
	if !ok {
		panic(fmt.Sprintf("wire: %T is not a server message", message))
	}
	return encode(name, message, id)
}

// EncodeClient writes a message of a client.
func EncodeClient(message ClientMessage, id int64) []byte {
	name, ok := clientNames[reflect.TypeOf(message)]
	if !ok {
		panic(fmt.Sprintf("wire: %T is not a client message", message))
	}
	return encode(name, message, id)
}

func encode(name string, message any, id int64) []byte {
	full := reflect.New(reflect.TypeOf(message).Elem()).Elem()
	full.Set(reflect.ValueOf(message).Elem())
	fillLists(full)
	body, err := json.Marshal(full.Interface())
	if err != nil {
		panic(fmt.Sprintf("wire: encode %s: %v", name, err))
	}
	frame := slices.Grow([]byte(nil), len(body)+len(name)+32)
	frame = append(frame, `{"type":`...)
	frame = strconv.AppendQuote(frame, name)
	if id != 0 {
		frame = append(frame, `,"id":`...)
		frame = strconv.AppendInt(frame, id, 10)
	}
	if len(body) > len("{}") {
		frame = append(frame, ',')
	}
	return append(frame, body[1:]...)
}

// fillLists makes the nil lists of a struct empty, and those of the structs in it.
func fillLists(value reflect.Value) {
	for i := range value.NumField() {
		field := value.Field(i)
		switch {
		case field.Kind() == reflect.Struct:
			fillLists(field)
		case field.Kind() == reflect.Slice && field.IsNil() && field.Type().Elem().Kind() != reflect.Uint8:
			field.Set(reflect.MakeSlice(field.Type(), 0, 0))
		}
	}
}

// ErrorOf returns the message that tells a client of err. What caused the error stays on the server.
func ErrorOf(err error) *Error {
	f := fault.From(err)
	message := &Error{Code: string(f.Code), Message: f.Message}
	if len(f.Params) > 0 {
		if params, err := json.Marshal(f.Params); err == nil {
			message.Params = params
		}
	}
	return message
}

func clip(s string) string {
	const maxBytes = 64
	if len(s) > maxBytes {
		return s[:maxBytes]
	}
	return s
}
