package explain

// closeWaitMessages belong to causes of CLOSE-WAIT.
var closeWaitMessages = map[string]sentence{
	"app-not-closing-in": counting(2,
		"%[1]s does not close one connection on %[3]s whose client has finished.",
		"%[1]s does not close %[2]d connections on %[3]s whose clients have finished: it leaks descriptors."),
	"app-not-closing-out": counting(2,
		"%[1]s does not close one connection to %[3]s that the other end has finished.",
		"%[1]s does not close %[2]d connections to %[3]s that the other end has finished."),
	"app-not-closing-refuted": always("bytes moving on these connections, or their number falling while new ones come"),
	"close-wait-fate":         always("CLOSE-WAIT has no timer: they stay until %[1]s closes them or ends"),
	"read-the-end-all":        always("the program has read the end of the stream on all of them, and still did not close"),
	"read-the-end-none":       always("the program never read as far as the end of the stream on any of them"),
	"read-the-end-some":       always("on %[1]d of %[2]d the program has read the end of the stream and still did not close; on the others it never read that far"),
	"was-accepted":            always("each has an inode, so a program got it"),
	"came-in":                 always("they came in through our listener %[1]s; a pool holds connections that it dialled"),
	"pool-would-not-grow":     always("their number grows; a pool is bounded"),
	"maybe-pool":              counting(1, "one connection that we dialled to %[2]s may be a connection pool's, kept until its next use; see whether it is still there in an hour", "%[1]d connections that we dialled to %[2]s may be a connection pool's, kept until their next use; see whether their number grows"),
	"unread-data":             counting(1, "one of them holds unread data; see where the thread that should read it waits", "%[1]d of them hold unread data; see where the threads that should read it wait"),
	"nothing-unread":          always("no unread data waits on them: closing is all that is missing"),
	"remedy-fix-close":        always("Fix the program: close the connection when read() returns 0, on every path, also after errors and timeouts"),
	"remedy-fix-close-risk":   always("none"),

	"closed-before-accept": counting(1,
		"One client gave up before %[3]s accepted its connection on %[2]s.",
		"%[1]d clients gave up before %[3]s accepted their connections on %[2]s."),
	"closed-before-accept-refuted": always("an inode on these sockets: then a program got them"),
	"closed-before-accept-fate":    always("they stay in the accept queue, and fill it, until %[1]s accepts them or ends"),
	"never-accepted":               counting(1, "one socket in CLOSE-WAIT has no inode: no program ever got it", "%[1]d sockets in CLOSE-WAIT have no inode: no program ever got them"),
	"no-inode":                     always("no program has a descriptor that it could close"),
}
