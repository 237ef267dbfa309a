// Package scenario is the list of faults with a known cause that the lab can
// make, of their look-alikes, and of healthy worlds in which nothing may be
// named. Each builds itself on the real kernel and proves its own symptom.
package scenario
