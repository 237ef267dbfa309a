package packet

// NextBatch reads frames of a part into batch and returns how many there are,
// none only at the end, after which Err says whether it was the true one. Frames
// whose Flow belongs to another part are passed over; those that do not show a
// Flow are all given. Data and Comment are valid until the next call.
func (r *Reader) NextBatch(batch []Frame, p Part) int {
	if len(batch) == 0 {
		return 0
	}
	r.w.begin()
	defer r.w.finish()
	n := 0
	for n < len(batch) && r.Next(&batch[n]) {
		// Whether a frame is of the part cannot be foreseen: a place that is
		// used again is cheaper than a jump.
		n += p.shows(&batch[n])
		if r.w.moved {
			if n > 0 {
				break // another move would need another buffer
			}
			r.w.moved = false
		}
	}
	return n
}

// shows returns 1 for a frame that may belong to the part, else 0.
func (p *Part) shows(f *Frame) (one int) {
	flow, ok := f.Flow()
	if !ok {
		return 1
	}
	if p.Has(flow) {
		one = 1
	}
	return one
}
