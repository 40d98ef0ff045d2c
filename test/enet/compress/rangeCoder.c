/*
 * The range coder of the C library libenet, for rangeCoder.libenet.test.ts.
 *
 *   in:   records of: u8 mode (0 compress, 1 decompress), u32 output limit, u32 length, the bytes
 *   out:  for each: u32 length, the bytes
 *
 * Numbers are in the byte order of the machine.
 */
#include <enet/enet.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char input[65536], output[65536];

int main(void) {
    void *coder = enet_range_coder_create();
    uint8_t mode;
    uint32_t limit, length, result;
    if (coder == NULL) return 1;
    while (fread(&mode, 1, 1, stdin) == 1) {
        if (fread(&limit, 4, 1, stdin) != 1 || fread(&length, 4, 1, stdin) != 1) return 2;
        if (limit > sizeof output || length > sizeof input) return 3;
        if (length > 0 && fread(input, length, 1, stdin) != 1) return 4;
        if (mode == 0) {
            ENetBuffer buffer;
            buffer.data = input;
            buffer.dataLength = length;
            result = (uint32_t)enet_range_coder_compress(coder, &buffer, 1, length, output, limit);
        } else {
            result = (uint32_t)enet_range_coder_decompress(coder, input, length, output, limit);
        }
        if (fwrite(&result, 4, 1, stdout) != 1) return 5;
        if (result > 0 && fwrite(output, result, 1, stdout) != 1) return 6;
    }
    enet_range_coder_destroy(coder);
    return 0;
}
