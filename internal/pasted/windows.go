package pasted

import "bytes"

// windowsRow reads "TCP local remote STATE [pid] [offload]".
func (s *scanner) windowsRow() string {
	f := &s.f
	if len(f.words) < 4 {
		return "cut short: a row has protocol, two addresses and a state"
	}
	local, ok := readColon(f.words[1], v4)
	if !ok {
		return badAddress(f.words[1])
	}
	remote, ok := readColon(f.words[2], v4)
	if !ok {
		return badAddress(f.words[2])
	}
	state, used := s.stateAt(3)
	if used == 0 {
		return unknownState(f.words[3])
	}
	s.row.Tool = NetstatWindows
	s.row.Socket.State = state
	s.setEnds(local, remote)
	if pid, ok := decimal(f.word(3+used), maxPID); ok {
		s.text.Knows.Owners = true
		if pid > 0 { // 0 is the idle process, which stands for none
			s.own(int(pid), -1, nil)
		}
	}
	return ""
}

// windowsProgram reads "[nginx.exe]", which -b prints below a row.
func (s *scanner) windowsProgram() {
	line := bytes.TrimSpace(s.f.line)
	if len(line) < 3 || line[0] != '[' || line[len(line)-1] != ']' {
		return
	}
	name := line[1 : len(line)-1]
	if len(s.row.Owners) == 0 {
		s.own(0, -1, name)
		return
	}
	s.row.Owners[0].Name = s.intern(name)
}
