/** The names of a story's files, for who writes them and who checks them. */
export const STORY_FILE = 'story.json';
export const STORY_TEXT_FILE = 'story.txt';
export const PROOF_FILE = 'proof.json';
/** The octets that a timestamp authority signs the hash of. */
export const ROOT_FILE = 'root.json';
export const TOKEN_FILE = 'root-timestamp.der';
