// Package lab builds worlds: network namespaces, links, listeners, clients and
// faults with a known cause, on the running kernel. It makes the ground truth
// that observation and diagnosis are tested against.
//
// Nothing outside its own namespaces is changed, nothing has a global name, and
// everything disappears with the process: a namespace lives as long as the
// thread and the descriptor that hold it.
package lab
