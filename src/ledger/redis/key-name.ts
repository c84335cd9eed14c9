/** A name without any character that means something in a key; UUIDs stay as they are. */
export const encodeName = (name: string): string => encodeURIComponent(name.toWellFormed())

export const decodeName = (encoded: string): string => decodeURIComponent(encoded)
