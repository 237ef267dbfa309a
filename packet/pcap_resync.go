package packet

// doubtful looks closer at a record header that cannot be taken as it stands:
// a slip of the writer, which is mended, the header of another file, or damage,
// both of which are passed over. It tells whether the record can be read.
func (r *Reader) doubtful(h *record) bool {
	r.w.need(sizePcap)
	if anotherHeader(r.w.rest()) && r.isPcap() {
		r.pcapBegin()
		return false
	}
	if r.slip(h) {
		return true
	}
	r.damages[DamagedRecord]++
	r.findRecord()
	return false
}

// slip forgives a fraction or an original length that is wrong if a likely
// record follows: some writers make them, and then in every record.
func (r *Reader) slip(h *record) bool {
	if h.captured > r.pcap.limit || !r.follows(r.pcap.header+int(h.captured), r.likely) || !r.likely(*h) {
		return false
	}
	if h.fraction >= r.pcap.perSecond {
		r.damages[DamagedTime]++
	}
	h.length = max(h.length, h.captured)
	return true
}

// follows tells whether a header that pleases, or the end, stands n octets
// behind the cursor.
func (r *Reader) follows(n int, pleases func(record) bool) bool {
	if !r.w.need(n + r.pcap.header) {
		return r.w.left() >= n
	}
	b := r.w.rest()[n:]
	return pleases(r.recordAt(b)) || anotherHeader(b)
}

// likely tells whether sizes and time are those of a packet near the last one.
func (r *Reader) likely(h record) bool {
	const day = 24 * 60 * 60
	apart := int64(h.seconds) - int64(r.pcap.last)
	near := r.pcap.last == 0 || apart > -day && apart < day
	return near && h.captured > 0 && h.captured <= credibleSize && h.length <= credibleSize
}

// credible also asks that nothing speaks against the header, for a place where
// one is only hoped for.
func (r *Reader) credible(h record) bool { return r.likely(h) && r.pcap.sound(h) }

// findRecord goes forward to the next credible record that another one, or the
// end, follows.
func (r *Reader) findRecord() bool {
	for r.skip(1); r.w.need(r.pcap.header); r.skip(1) {
		b := r.w.rest()
		if anotherHeader(b) {
			return true
		}
		h := r.recordAt(b)
		if r.credible(h) && r.follows(r.pcap.header+int(h.captured), r.credible) {
			return true
		}
	}
	r.skip(r.w.left())
	return false
}
