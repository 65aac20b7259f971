# The workspace does not let the admin delete: the author is told at once, reminded, and thanked when it is gone.
fault slack "POST /api/chat.delete" says cant_delete_message x9
kim on slack in support types use {{sk_live}} for now
expect channel support on slack sees "A message here holds a raw secret, and I could not remove it."
expect kim on slack sees "Delete your message now: it holds a raw secret."
expect channel security on slack sees "NOT REMOVED, its author was told"
expect channel support on slack never-sees "I removed"
advance 6m
expect kim on slack sees "Your message is still there, and still holds a raw secret."
kim edits use => use something else
expect channel support on slack sees "A message here no longer holds a raw secret."
expect kim on slack sees "Your message no longer holds a raw secret."
expect channel security on slack sees "edited, clean now"
expect stored nowhere "{{sk_live}}"
