# platforms: slack discord
# A text file is read; an image is not.
kim on $P in support shares notes.txt => the key is {{sk_live}} for now
expect channel support on $P sees "I removed a message here: it held a raw secret."
expect kim on $P sees "I removed your message: it held a raw secret."
kim shares shot.png => no text
expect audit leak removed x1
expect stored nowhere "{{sk_live}}"
