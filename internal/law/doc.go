// Package law holds no code: its tests are the laws of the house (architecture,
// imports, builds, documentation). A law that stands in the way is changed here,
// with its reason, and not worked around.
package law
