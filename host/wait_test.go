package host

import "testing"

func TestKindOfWait(t *testing.T) {
	for function, want := range map[string]WaitKind{
		"": WaitUnknown, "0": WaitUnknown,
		"futex_do_wait": WaitsForLock, "futex_wait_queue_me": WaitsForLock, "futex_wait_queue": WaitsForLock,
		"ep_poll": WaitsForEvents, "do_epoll_wait": WaitsForEvents, "poll_schedule_timeout.constprop.0": WaitsForEvents,
		"do_select": WaitsForEvents, "io_cqring_wait": WaitsForEvents,
		"wait_woken": WaitsForSocket, "sk_wait_data": WaitsForSocket,
		"inet_csk_accept": WaitsForConnection, "hrtimer_nanosleep": WaitsForTime,
		"anon_pipe_read": WaitsElsewhere, "folio_wait_bit_common": WaitsElsewhere, "unix_stream_read_generic": WaitsElsewhere,
	} {
		if got := (Wait{In: function}).Kind(); got != want {
			t.Errorf("%q is %d, want %d", function, got, want)
		}
	}
}
