package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
)

const buffer = 512 // bytes of each of a connection's two buffers; longer messages go around them

// upgrade hands a connection over to WebSockets, and replaces the buffers of net/http, which are eight times the size.
type upgrade struct {
	http.ResponseWriter
	socket net.Conn
}

// Hijack is what the WebSocket library calls.
func (u *upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	socket, buffered, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	u.socket = socket
	early, err := buffered.Peek(buffered.Reader.Buffered())
	if err != nil {
		return nil, nil, err
	}
	reader := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(early), socket), max(buffer, len(early)))
	// What the peer has sent after its handshake must not be lost: the library keeps only what is in the buffer.
	if _, err := reader.Peek(len(early)); err != nil {
		return nil, nil, err
	}
	return socket, bufio.NewReadWriter(reader, bufio.NewWriterSize(socket, buffer)), nil
}
