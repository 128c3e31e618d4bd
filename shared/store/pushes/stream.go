package pushes

import "postern/shared/table"

// KindOf is what kind of thing an item of the outbox tells of, "" when it does not say.
func KindOf(item table.Item) string { return table.Text(item, "kind") }
