"""The hazards in Vietnamese: short sentences that are understood over a horn."""

from types import MappingProxyType

from broadcaster.domain.hazards.wording import Warned, Wording

_WARNINGS = {
    "storm": Warned(
        "Bão",
        "Cảnh báo bão",
        "Bão sẽ ảnh hưởng đến {place}. Thời gian: {time}.",
        (
            "Bà con chằng chống nhà cửa, chặt tỉa cành cây gần nhà. Theo dõi tin bão trên loa và trên ti vi.",
            (
                "Bà con chằng chống nhà cửa, đưa trâu bò về chuồng. Chuẩn bị nước uống, lương thực và đèn pin. "
                "Tàu thuyền vào nơi tránh trú."
            ),
            (
                "Bà con vào nơi trú ẩn an toàn ngay. Không ra đường khi gió mạnh. "
                "Ai ở nhà tạm, nhà yếu, đến nhà văn hóa hoặc trường học gần nhất."
            ),
        ),
    ),
    "flood": Warned(
        "Lũ, ngập lụt",
        "Cảnh báo lũ, ngập lụt",
        "Nước đang dâng cao tại {place}. Thời gian: {time}.",
        (
            (
                "Bà con ở ven sông, ven suối chuyển đồ đạc và gia súc lên chỗ cao. "
                "Không vớt củi, không bắt cá khi nước lớn."
            ),
            (
                "Bà con ở vùng thấp chuẩn bị sơ tán. Đưa người già, trẻ em đến nơi an toàn trước. "
                "Không đi qua ngầm, qua cầu tràn khi nước chảy xiết."
            ),
            (
                "Bà con rời khỏi vùng thấp ngay, lên chỗ cao. Ngắt điện trước khi đi. "
                "Mang theo giấy tờ, thuốc và nước uống. Không lội qua dòng nước chảy xiết."
            ),
        ),
    ),
    "flash_flood": Warned(
        "Lũ quét, sạt lở đất",
        "Cảnh báo lũ quét, sạt lở đất",
        "Nguy cơ lũ quét và sạt lở đất tại {place}. Thời gian: {time}.",
        (
            (
                "Bà con không đến gần sông, suối và sườn dốc. Chú ý mực nước và vết nứt trên đồi. "
                "Theo dõi thông báo trên loa."
            ),
            "Bà con ở ven suối và chân đồi chuẩn bị sơ tán. Không ngủ lại lán, nương. Không qua ngầm, qua suối.",
            (
                "Bà con ở ven suối và chân đồi rời nhà ngay. Lên nơi cao, xa sườn dốc. "
                "Giúp người già, trẻ em đi trước. Không quay lại lấy đồ."
            ),
        ),
    ),
    "fire": Warned(
        "Cháy",
        "Báo cháy",
        "Đang có cháy tại {place}. Thời gian: {time}.",
        (
            "Bà con tránh xa đám cháy. Nhường đường cho xe chữa cháy.",
            "Bà con ở gần ngắt điện, khóa bình ga và ra khỏi nhà. Nhường đường cho xe chữa cháy.",
            (
                "Bà con rời khỏi khu vực cháy ngay. Cúi thấp người, che mũi bằng khăn ướt. Không quay lại lấy đồ. "
                "Còn người mắc kẹt, gọi ngay số một một bốn."
            ),
        ),
    ),
    "heat": Warned(
        "Nắng nóng",
        "Cảnh báo nắng nóng",
        "Nắng nóng gay gắt tại {place}. Thời gian: {time}.",
        (
            "Bà con uống đủ nước, đội mũ nón. Hạn chế làm đồng từ 11 giờ đến 15 giờ.",
            (
                "Bà con không làm việc ngoài trời từ 10 giờ đến 16 giờ. Uống đủ nước. "
                "Chú ý người già, trẻ em và người bệnh."
            ),
            (
                "Bà con ở trong nhà, nơi thoáng mát. Không làm việc ngoài trời. "
                "Ai chóng mặt, sốt cao, đưa đến trạm y tế ngay."
            ),
        ),
    ),
    "forest_fire": Warned(
        "Cháy rừng",
        "Cảnh báo cháy rừng",
        "Nguy cơ cháy rừng tại {place}. Thời gian: {time}.",
        (
            "Bà con không đốt nương, không lấy ong bằng lửa, không dùng lửa trong rừng.",
            (
                "Bà con tuyệt đối không dùng lửa trong rừng và gần rừng. "
                "Thấy khói, thấy lửa, báo ngay cho trưởng bản hoặc kiểm lâm."
            ),
            (
                "Bà con ra khỏi rừng ngay. Nhà ở sát rừng, chuyển người và gia súc đi nơi khác. "
                "Lực lượng chữa cháy tập trung theo lệnh của xã."
            ),
        ),
    ),
    "dam_release": Warned(
        "Xả lũ hồ chứa",
        "Thông báo xả lũ hồ chứa",
        "Hồ chứa sẽ xả lũ xuống {place}. Thời gian: {time}.",
        (
            "Bà con không xuống sông, suối. Đưa thuyền, gia súc và đồ đạc lên bờ.",
            "Bà con ở ven sông đưa người, gia súc và đồ đạc lên chỗ cao. Không xuống sông, suối.",
            "Bà con ở ven sông lên nơi cao ngay. Không qua ngầm, qua cầu tràn. Không vớt củi, không bắt cá.",
        ),
    ),
    "epidemic": Warned(
        "Dịch bệnh",
        "Thông báo dịch bệnh",
        "Đang có dịch {what} tại {place}. Thời gian: {time}.",
        (
            "Bà con giữ vệ sinh nhà cửa, rửa tay bằng xà phòng. Ai có dấu hiệu mắc bệnh, đến trạm y tế.",
            "Bà con hạn chế tụ tập đông người. Ai có dấu hiệu mắc bệnh, ở nhà và gọi cho trạm y tế.",
            "Bà con ở nhà, chỉ ra ngoài khi thật cần. Làm theo hướng dẫn của trạm y tế. Ai bệnh nặng, báo ngay.",
        ),
    ),
    "missing_person": Warned(
        "Tìm người mất tích",
        "Tìm người mất tích",
        "Đang tìm {what}. Nơi nhìn thấy lần cuối: {place}. Thời gian: {time}.",
        (
            "Ai nhìn thấy, báo ngay cho trưởng bản hoặc công an xã.",
            "Bà con xem quanh nhà, vườn, ao và lán nương. Ai nhìn thấy, báo ngay cho trưởng bản hoặc công an xã.",
            (
                "Ai đi tìm được, đến nhà văn hóa ngay để được phân công. "
                "Ai nhìn thấy, giữ người đó ở lại và báo ngay cho trưởng bản hoặc công an xã."
            ),
        ),
    ),
    "all_clear": Warned(
        "Hết nguy hiểm",
        "Thông báo hết nguy hiểm",
        "Tình hình tại {place} đã an toàn. Thời gian: {time}.",
        ("Bà con có thể trở lại sinh hoạt bình thường. Ai còn cần giúp đỡ, báo cho trưởng thôn, trưởng bản.",) * 3,
    ),
}
VI = Wording(
    level="Cấp độ rủi ro thiên tai: cấp {level}.",
    titled="{headline}, cấp {level}, {place}",
    plain_title="{headline}, {place}",
    warnings=MappingProxyType(_WARNINGS),
)
