// Package lines splits what a program writes into lines.
package lines

import "bytes"

// Writer hands each whole line to Take, without its end, however the line came in pieces. Its writes never fail.
type Writer struct {
	Take    func(line string)
	partial []byte
}

func (w *Writer) Write(p []byte) (int, error) {
	n := len(p)
	for {
		before, after, found := bytes.Cut(p, []byte("\n"))
		w.partial = append(w.partial, before...)
		if !found {
			return n, nil
		}
		w.take()
		p = after
	}
}

// Flush ends the line that is being written, if there is one.
func (w *Writer) Flush() {
	if len(w.partial) > 0 {
		w.take()
	}
}

func (w *Writer) take() {
	line := string(w.partial)
	w.partial = w.partial[:0]
	w.Take(line)
}
