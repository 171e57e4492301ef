// The system's error when something cannot be written -> one line with place, reason and what to do.
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'
import { formatBytes } from '../../report/figures.ts'
import { fileSystemOf } from './output-place.ts'

/**
 * @param named the path as the user typed it
 * @param folder the folder that was written to; may no longer exist
 * @param neededBytes total size, if known; called only when there is not enough space
 * @returns one line for the user; its cause is the system's error
 */
export async function writeError(error: unknown, named: string, folder: string, neededBytes?: () => Promise<number>): Promise<Error> {
  if (error instanceof CaptureError || error instanceof UsageError) return error
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return error as Error
  const needed = isNoSpace(error) && neededBytes !== undefined ? await neededBytes().catch(() => 0) : 0
  return Object.assign(new CaptureError(`${named}: ${await writeReason(error, folder, needed)}`), { cause: error })
}

export function isNoSpace(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')
}

/** The reason of a failed write, in words. */
export async function writeReason(error: unknown, folder: string, neededBytes = 0): Promise<string> {
  const { code, message } = error as NodeJS.ErrnoException
  const needed = neededBytes > 0 ? `about ${formatBytes(neededBytes)} needed` : ''
  switch (code) {
    case 'ENOSPC': {
      const figures = [needed, await freeOf(folder)].filter((figure) => figure !== '').join(', ')
      return `no space left on ${await fileSystemOf(folder)}${figures && `: ${figures}`}; free some, or choose another folder`
    }
    case 'EDQUOT':
      return `the disk quota on ${await fileSystemOf(folder)} is used up${needed && `: ${needed}`}; free some, or choose another folder`
    case 'EFBIG':
      return `a file would be larger than the file system or the shell's limit (ulimit -f) allows${needed && `: ${needed}`}; choose another folder`
    case 'EACCES':
    case 'EPERM':
      return `no permission to write to ${folder}: change its permissions, or choose another folder`
    case 'EROFS':
      return `${await fileSystemOf(folder)} is read-only: choose another folder`
    case 'ENOENT':
      return 'the folder cannot be created there, or was removed'
    case 'ENOTDIR':
      return 'a part of this path is a file, not a folder: choose another folder'
    case 'ENAMETOOLONG':
      return 'the name is longer than the file system allows (255 bytes on most): choose a shorter one'
    case 'ELOOP':
      return 'its symbolic links lead in a circle'
    case 'EBUSY':
      return 'another program or a mount uses it: choose another folder'
    case 'ENOTEMPTY':
    case 'EEXIST':
      return 'something else was put there: choose another folder'
    case 'EIO':
      return 'the disk or network share reports a write error: choose another folder'
    default:
      return `it could not be written (${message})`
  }
}

/** The free space after the draft was removed. */
async function freeOf(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path)) {
    const status = await statfs(path).catch(() => null)
    if (status !== null) return `${formatBytes(status.bavail * status.bsize)} free`
    if (path === dirname(path)) return ''
  }
}
