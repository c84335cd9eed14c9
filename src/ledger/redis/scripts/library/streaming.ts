/** Octets of a block: each time that octets are added, the last block is written anew. */
const blockBytes = 8192

/** For scripts that look at the streams of requests; the stream of a request that runs is in blocks of equal length. */
export const streaming = `
local blockBytes = ${blockBytes}

local function blockName(block)
  return string.format('b%d', block)
end
`
